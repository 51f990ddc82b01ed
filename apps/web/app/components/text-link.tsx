import { Link, type LinkProps } from "@remix-run/react";
import clsx from "clsx";

/** A link in running text. */
export function TextLink({ className, ...rest }: LinkProps) {
  return (
    <Link
      className={clsx("font-medium text-accent-ink underline underline-offset-2 hover:no-underline", className)}
      {...rest}
    />
  );
}
