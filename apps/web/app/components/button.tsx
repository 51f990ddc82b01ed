import { Link, type LinkProps } from "@remix-run/react";
import clsx from "clsx";
import { LoaderCircle } from "lucide-react";
import { type ButtonHTMLAttributes, forwardRef, type ReactNode } from "react";

export type ButtonLook = "primary" | "secondary" | "quiet" | "danger";

const LOOKS: Record<ButtonLook, string> = {
  primary: "bg-accent text-on-accent hover:bg-accent-hover",
  secondary: "border border-line-strong bg-surface text-ink hover:bg-hover",
  quiet: "text-ink-muted hover:bg-hover hover:text-ink",
  danger: "bg-danger-fill text-on-accent hover:bg-danger-hover",
};

const SIZES = { md: "h-9 px-3.5 text-base", sm: "h-8 px-2.5 text-sm", icon: "size-8 justify-center" };

export interface LookProps {
  look?: ButtonLook;
  size?: keyof typeof SIZES;
}

/** The classes of a button, for what must look like one. */
export function buttonClass({ look = "secondary", size = "md" }: LookProps, className?: string): string {
  return clsx(
    "inline-flex shrink-0 select-none items-center justify-center gap-2 whitespace-nowrap rounded-md font-medium transition-colors",
    "disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:cursor-not-allowed aria-disabled:opacity-55",
    LOOKS[look],
    SIZES[size],
    className,
  );
}

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement>, LookProps {
  /** Shows progress and takes no further press. Stays focusable, so that the keyboard does not lose its place. */
  isPending?: boolean;
}

/** A button; `type="button"` unless told. */
export const Button = forwardRef<HTMLButtonElement, ButtonProps>(function Button(
  { look, size, isPending = false, className, children, onClick, type = "button", ...rest },
  ref,
) {
  return (
    <button
      ref={ref}
      type={type}
      className={buttonClass({ look, size }, className)}
      aria-disabled={isPending || undefined}
      onClick={isPending ? (event) => event.preventDefault() : onClick}
      {...rest}
    >
      {isPending && <LoaderCircle aria-hidden className="size-4 animate-spin" />}
      {children}
    </button>
  );
});

/** A link that looks like a button. */
export function ButtonLink({ look, size, className, ...rest }: LinkProps & LookProps) {
  return <Link className={buttonClass({ look, size }, className)} {...rest} />;
}

/** What may not be done now, and why: said on hover, on focus and to screen readers. */
export function DisabledButton({ reason, children, ...look }: LookProps & { reason: string; children: ReactNode }) {
  return (
    <button type="button" aria-disabled="true" title={reason} className={buttonClass(look)}>
      {children}
      <span className="sr-only">({reason})</span>
    </button>
  );
}
