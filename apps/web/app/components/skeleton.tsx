import clsx from "clsx";

/** A grey bar where text will stand. Give it the size of what it stands for, so that nothing jumps. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={clsx("block animate-pulse rounded-sm bg-selected", className)} />;
}

/** The rows of a table that is still on its way. */
export function SkeletonRows({ rows, columns }: { rows: number; columns: number }) {
  return Array.from({ length: rows }, (_row, row) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike and never move.
    <tr key={row} className="border-line border-t">
      {Array.from({ length: columns }, (_column, column) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: so are the cells.
        <td key={column} className="px-4 py-3">
          <Skeleton className={column === 0 ? "h-4 w-32" : "h-4 w-20"} />
        </td>
      ))}
    </tr>
  ));
}
