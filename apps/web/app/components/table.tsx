import { Link } from "@remix-run/react";
import clsx from "clsx";
import { ArrowDown, ArrowUp, ChevronsUpDown } from "lucide-react";
import type { ReactNode, TdHTMLAttributes } from "react";

export interface Column {
  label: string;
  /** Figures stand on the right. */
  isFigure?: boolean;
  /** A column that says itself what it is: its label is for screen readers. */
  isLabelHidden?: boolean;
  /** Left out on narrow screens; what it says is shown elsewhere in the row. */
  isWideOnly?: boolean;
  /** Where pressing the label leads, and how the rows stand by this column now. */
  sort?: { to: string; order: "ascending" | "descending" | null };
  className?: string;
}

/** A table that scrolls by itself when it must. `caption` names it for screen readers. */
export function Table({
  caption,
  columns,
  children,
}: {
  caption: string;
  columns: readonly Column[];
  children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: an area that scrolls must be reachable by keyboard.
    <section className="overflow-x-auto" aria-label={caption} tabIndex={0}>
      <table className="w-full border-collapse text-left">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="text-ink-muted text-xs">
            {columns.map(({ label, isFigure, isLabelHidden, isWideOnly, sort, className }) => (
              <th
                key={label}
                scope="col"
                aria-sort={sort?.order ?? undefined}
                className={clsx(
                  "whitespace-nowrap bg-sunken px-3 py-2 font-medium first:pl-4 last:pr-4 max-md:px-4",
                  isFigure && "text-right",
                  isWideOnly && "max-md:hidden",
                  className,
                )}
              >
                <Label label={label} isHidden={isLabelHidden ?? false} sort={sort} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

function Label({ label, isHidden, sort }: { label: string; isHidden: boolean; sort: Column["sort"] }) {
  if (isHidden) return <span className="sr-only">{label}</span>;
  if (!sort) return label;
  const Arrow = sort.order === "ascending" ? ArrowUp : sort.order === "descending" ? ArrowDown : ChevronsUpDown;
  return (
    <Link
      to={sort.to}
      preventScrollReset
      className="-mx-1 inline-flex items-center gap-1 rounded-sm px-1 hover:text-ink"
    >
      {label}
      <Arrow aria-hidden className={clsx("size-3.5", !sort.order && "text-ink-faint")} />
      <span className="sr-only">(sort)</span>
    </Link>
  );
}

interface CellProps extends TdHTMLAttributes<HTMLTableCellElement> {
  isFigure?: boolean;
  isWideOnly?: boolean;
}

/** A cell. Figures are right-aligned with digits of one width. */
export function Cell({ isFigure, isWideOnly, className, ...rest }: CellProps) {
  return (
    <td
      className={clsx(
        "border-line border-t px-3 py-2 first:pl-4 last:pr-4 max-md:px-4",
        isFigure && "figures whitespace-nowrap text-right",
        isWideOnly && "max-md:hidden",
        className,
      )}
      {...rest}
    />
  );
}
