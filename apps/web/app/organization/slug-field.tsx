import { CircleCheck } from "lucide-react";
import { useEffect, useState } from "react";
import { browserApi } from "~/api/browser-client";
import { readApiError } from "~/api/read-error";
import { Field } from "~/components/field";

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
  const isFollowing = typed === null;
  const isUntouched = isFollowing && name === firstName;
  const answer = useSlugAnswer(isUntouched ? null : { name, own, typed });
  const slug = typed ?? answer?.slug ?? initial;
  const refused = answer && !answer.isAvailable ? answer.message : undefined;
  return (
    <Field
      name="slug"
      label="Slug"
      error={refused ?? (answer ? undefined : error)}
      hint="Part of every address of the organization. It is fixed after this step; later only support changes it."
    >
      {(control) => (
        <div className="flex items-stretch rounded-md border border-line-control bg-surface focus-within:outline-2 focus-within:outline-accent-ink focus-within:outline-offset-2">
          <span className="flex shrink-0 items-center whitespace-nowrap rounded-l-md border-line border-r bg-sunken px-3 text-ink-muted text-sm">
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
          <FreeMark isFree={answer?.isAvailable ?? false} />
        </div>
      )}
    </Field>
  );
}

/** Keeps its place while it says nothing, so that the field does not change its width. */
function FreeMark({ isFree }: { isFree: boolean }) {
  return (
    <span role="status" className="flex w-16 shrink-0 items-center gap-1 text-positive text-sm">
      {isFree && (
        <>
          <CircleCheck aria-hidden className="size-4" /> Free
        </>
      )}
    </span>
  );
}

interface Answer {
  slug: string;
  isAvailable: boolean;
  message: string;
}

/** What the server says of a slug once somebody pauses typing; undefined while it is not known. */
function useSlugAnswer(asked: { name: string; own: string; typed: string | null } | null): Answer | undefined {
  const [answered, setAnswered] = useState<{ question: string; answer: Answer }>();
  const question = JSON.stringify(asked);
  useEffect(() => {
    const { name, own, typed } = (JSON.parse(question) as typeof asked) ?? {};
    if (name === undefined) return;
    const input = { name, ...(typed ? { slug: typed } : {}), ...(own ? { ownSlug: own } : {}) };
    let isCurrent = true;
    const timer = setTimeout(async () => {
      const answer = typed === "" ? undefined : await askSlug(input);
      if (isCurrent && answer) setAnswered({ question, answer });
    }, PAUSE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [question]);
  // While a name is typed its last slug stays in the field; a slug that is typed is judged only by its own answer.
  if (answered?.question === question) return answered.answer;
  return asked?.typed === null && answered ? answered.answer : undefined;
}

/** Without an answer (offline) the field says nothing: the form itself is checked when it is sent. */
async function askSlug(input: { name: string; slug?: string; ownSlug?: string }): Promise<Answer | undefined> {
  try {
    const { slug, isAvailable } = await browserApi().organizations.suggestSlug.query(input);
    return { slug, isAvailable, message: "This slug is not free. Choose another one." };
  } catch (error) {
    const message = readApiError(error)?.fieldErrors.slug;
    return message ? { slug: input.slug ?? "", isAvailable: false, message } : undefined;
  }
}
