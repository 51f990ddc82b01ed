import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

interface EmptyStateProps {
  icon: LucideIcon;
  title: string;
  /** What would stand here. */
  children: ReactNode;
  /** The one next step. */
  action?: ReactNode;
}

/** Says what a list is for while nothing is in it, and the one next step. */
export function EmptyState({ icon: Icon, title, children, action }: EmptyStateProps) {
  return (
    <div className="grid justify-items-center gap-1 px-6 py-12 text-center">
      <span className="mb-2 grid size-10 place-items-center rounded-lg bg-sunken text-ink-faint">
        <Icon aria-hidden className="size-5" />
      </span>
      <p className="font-medium">{title}</p>
      <p className="max-w-[46ch] text-ink-muted text-sm">{children}</p>
      {action && <div className="mt-4">{action}</div>}
    </div>
  );
}
