import clsx from "clsx";
import type { ReactNode } from "react";

interface CardProps {
  title?: ReactNode;
  /** Beside the title: what can be done here. */
  actions?: ReactNode;
  description?: ReactNode;
  children: ReactNode;
  /** For tables and lists, which bring their own spacing. */
  isFlush?: boolean;
  className?: string;
}

/** A bordered area with a title of its own. */
export function Card({ title, actions, description, children, isFlush = false, className }: CardProps) {
  return (
    <section className={clsx("rounded-lg border border-line bg-surface", className)}>
      {title && (
        <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-line border-b px-4 py-2 min-h-12">
          <div className="grid min-w-0">
            <h2 className="font-medium text-base">{title}</h2>
            {description && <p className="text-ink-muted text-sm">{description}</p>}
          </div>
          {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
        </header>
      )}
      <div className={isFlush ? "" : "p-4"}>{children}</div>
    </section>
  );
}
