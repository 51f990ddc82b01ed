import clsx from "clsx";

const SIZES = { xs: "size-5 text-[0.625rem]", md: "size-7 text-xs", lg: "size-8 text-xs", xl: "size-10 text-sm" };

interface AvatarProps {
  name: string;
  shape: "person" | "organization";
  size?: keyof typeof SIZES;
}

/** Initials on a quiet ground: square for an organization, round for a person. Decoration: the name stands beside it. */
export function Avatar({ name, shape, size = "md" }: AvatarProps) {
  return (
    <span
      aria-hidden
      className={clsx(
        "grid shrink-0 select-none place-items-center bg-selected font-semibold text-ink-muted",
        SIZES[size],
        shape === "person" ? "rounded-full" : size === "xs" ? "rounded-sm" : "rounded-md",
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
