import clsx from "clsx";

/** A grey bar where text will stand. Give it the size of what it stands for, so that nothing jumps. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={clsx("block animate-pulse rounded-sm bg-selected", className)} />;
}
