import clsx from "clsx";

/** Initials on a quiet ground: square for an organization, round for a person. Decoration: the name stands beside it. */
export function Avatar({
  name,
  shape,
  className,
}: {
  name: string;
  shape: "person" | "organization";
  className?: string;
}) {
  return (
    <span
      aria-hidden
      className={clsx(
        "grid size-7 shrink-0 select-none place-items-center bg-selected font-semibold text-ink-muted text-xs",
        shape === "person" ? "rounded-full" : "rounded-md",
        className,
      )}
    >
      {initialsOf(name)}
    </span>
  );
}

/** Up to two letters: of the first and the last word. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s-]+/).filter((word) => /[\p{Letter}\p{Number}]/u.test(word));
  const first = firstCharacter(words[0]);
  const last = words.length > 1 ? firstCharacter(words.at(-1)) : "";
  return (first + last).toUpperCase() || "?";
}

function firstCharacter(word: string | undefined): string {
  return Array.from(word?.replace(/^[^\p{Letter}\p{Number}]+/u, "") ?? "")[0] ?? "";
}
