import clsx from "clsx";
import { CircleAlert, CircleCheck, Info, type LucideIcon, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

type Tone = "info" | "positive" | "warning" | "danger";

const TONES: Record<Tone, { box: string; icon: LucideIcon }> = {
  info: { box: "bg-accent-soft text-ink [&>svg]:text-accent-ink", icon: Info },
  positive: { box: "bg-positive-soft text-ink [&>svg]:text-positive", icon: CircleCheck },
  warning: { box: "bg-warning-soft text-ink [&>svg]:text-warning", icon: TriangleAlert },
  danger: { box: "bg-danger-soft text-ink [&>svg]:text-danger", icon: CircleAlert },
};

interface NoticeProps {
  tone?: Tone;
  title?: string;
  children?: ReactNode;
  actions?: ReactNode;
  className?: string;
}

/** A message in the page's flow: an icon says the tone beside the colour. */
export function Notice({ tone = "info", title, children, actions, className }: NoticeProps) {
  const { box, icon: Icon } = TONES[tone];
  return (
    <div
      role={tone === "danger" ? "alert" : undefined}
      className={clsx("flex gap-3 rounded-lg px-4 py-3", box, className)}
    >
      <Icon aria-hidden className="mt-0.5 size-4.5 shrink-0" />
      <div className="grid min-w-0 flex-1 gap-1">
        {title && <p className="font-medium">{title}</p>}
        {children && <div className="text-ink-muted">{children}</div>}
        {actions && <div className="mt-2 flex flex-wrap gap-2">{actions}</div>}
      </div>
    </div>
  );
}
