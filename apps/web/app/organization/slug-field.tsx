import { useFetcher } from "@remix-run/react";
import clsx from "clsx";
import { CircleCheck } from "lucide-react";
import { useEffect, useState } from "react";
import { Field } from "~/components/field";
import type { loader as suggestion } from "~/routes/slug-suggestion/route";

/** While somebody types, the server is asked when they pause this long. */
const PAUSE_MS = 250;

interface SlugFieldProps {
  /** The organization's name as typed so far. */
  name: string;
  /** The slug that the organization has now: it counts as free. */
  own?: string;
  initial: string;
  /** The slug was typed by hand already, so the name changes it no more. */
  isTyped?: boolean;
  error?: string | undefined;
}

/** A slug that follows the name until it is edited by hand, checked for being free while it is typed. */
export function SlugField({ name, own = "", initial, isTyped: wasTyped = false, error }: SlugFieldProps) {
  const [typed, setTyped] = useState<string | null>(wasTyped ? initial : null);
  const [firstName] = useState(name);
  const { data, load, state } = useFetcher<typeof suggestion>();
  const isFollowing = typed === null;
  const slug = typed ?? (name === firstName && !data ? initial : (data?.slug ?? initial));

  useEffect(() => {
    if (isFollowing && name === firstName) return;
    const search = new URLSearchParams({ name, own });
    if (typed !== null) search.set("slug", typed);
    const timer = setTimeout(() => load(`/slug-suggestion?${search}`), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [name, firstName, typed, isFollowing, own, load]);

  const isAnswered = data !== undefined && state === "idle" && (isFollowing || data.slug === typed);
  const refused =
    isAnswered && !data.isAvailable ? (data.message ?? "This slug is taken. Choose another one.") : undefined;
  return (
    <Field
      name="slug"
      label="Slug"
      error={refused ?? (isAnswered ? undefined : error)}
      hint="Part of every address of the organization. It is fixed after this step; later only support changes it."
    >
      {(control) => (
        <div className="flex items-stretch rounded-md border border-line-control bg-surface focus-within:outline-2 focus-within:outline-accent-ink focus-within:outline-offset-2">
          <span className="flex items-center rounded-l-md border-line border-r bg-sunken px-3 text-ink-muted text-sm">
            /o/
          </span>
          <input
            {...control}
            required
            value={slug}
            onChange={(event) => setTyped(event.target.value.toLowerCase())}
            maxLength={48}
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
            className="h-9 w-full min-w-0 bg-transparent px-3 outline-none"
          />
          <span role="status" className={clsx("flex items-center gap-1 pr-3 text-sm", !isAnswered && "invisible")}>
            {isAnswered && data.isAvailable && (
              <span className="flex items-center gap-1 text-positive">
                <CircleCheck aria-hidden className="size-4" /> Free
              </span>
            )}
          </span>
        </div>
      )}
    </Field>
  );
}
