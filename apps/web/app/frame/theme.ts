import { useFetchers } from "@remix-run/react";

/** How the page is coloured: as the system says, or always one way. */
export type Theme = "system" | "light" | "dark";

/** The cookie that keeps the choice. Not secret; set by the server only. */
const THEME_COOKIE = /(?:^|;\s*)theme=(light|dark)(?:;|$)/;
const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** Reads the choice of a request. */
export function readTheme(cookies: string | null): Theme {
  return (THEME_COOKIE.exec(cookies ?? "")?.[1] as Theme | undefined) ?? "system";
}

/** Reads what a form said; anything unknown means the system's setting. */
export function parseTheme(value: unknown): Theme {
  return value === "light" || value === "dark" ? value : "system";
}

/** The header that keeps a choice, or forgets it. */
export function themeCookie(theme: Theme): string {
  const maxAge = theme === "system" ? 0 : YEAR_SECONDS;
  return `theme=${theme}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax`;
}

/** The theme to show: the one just chosen while it is being kept, else the kept one. */
export function useTheme(kept: Theme): Theme {
  const chosen = useFetchers().find((fetcher) => fetcher.formAction === "/theme")?.formData;
  return chosen ? parseTheme(chosen.get("theme")) : kept;
}
