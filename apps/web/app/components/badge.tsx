import clsx from "clsx";
import type { ReactNode } from "react";

export type BadgeTone = "positive" | "neutral" | "warning" | "danger" | "accent";

const TONES: Record<BadgeTone, string> = {
  positive: "bg-positive-soft text-positive",
  neutral: "bg-neutral-soft text-neutral",
  warning: "bg-warning-soft text-warning",
  danger: "bg-danger-soft text-danger",
  accent: "bg-accent-soft text-accent-ink",
};

const DOTS: Record<BadgeTone, string> = {
  positive: "bg-positive-dot",
  neutral: "bg-neutral-dot",
  warning: "bg-warning-dot",
  danger: "bg-danger-fill",
  accent: "bg-accent",
};

/** A status or a role as a word; the colour only helps. */
export function Badge({
  tone = "neutral",
  hasDot = false,
  children,
}: {
  tone?: BadgeTone;
  hasDot?: boolean;
  children: ReactNode;
}) {
  return (
    <span
      className={clsx(
        "inline-flex items-center gap-1.5 whitespace-nowrap rounded-sm px-1.5 py-0.5 font-medium text-xs",
        TONES[tone],
      )}
    >
      {hasDot && <StatusDot tone={tone} />}
      {children}
    </span>
  );
}

/** A coloured dot. Never alone: a word stands beside it. */
export function StatusDot({ tone, className }: { tone: BadgeTone; className?: string }) {
  return <span aria-hidden className={clsx("size-2 shrink-0 rounded-full", DOTS[tone], className)} />;
}
