import { Link } from "@remix-run/react";
import { LoaderCircle } from "lucide-react";
import { useState } from "react";
import { readApiError } from "~/api/read-error";
import { buttonClass } from "./button";

interface LoadMoreProps {
  /** The same page, beginning behind what is shown: where the link leads before any script has loaded. */
  to: string;
  /** Appends the next, older part to what is shown. */
  load: () => Promise<void>;
  label: string;
}

/** The way to older rows: appends them in place; as a plain link it opens them as a page. */
export function LoadMore({ to, load, label }: LoadMoreProps) {
  const [state, setState] = useState<{ isLoading: boolean; error: string | null }>({ isLoading: false, error: null });
  const run = async () => {
    setState({ isLoading: true, error: null });
    try {
      await load();
      setState({ isLoading: false, error: null });
    } catch (error) {
      setState({ isLoading: false, error: readApiError(error)?.message ?? "The rows could not be loaded. Try again." });
    }
  };
  return (
    <div className="grid justify-items-center gap-2 border-line border-t p-3">
      <Link
        to={to}
        preventScrollReset
        aria-disabled={state.isLoading || undefined}
        className={buttonClass({ look: "secondary", size: "sm" })}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          if (!state.isLoading) void run();
        }}
      >
        {state.isLoading && <LoaderCircle aria-hidden className="size-4 animate-spin" />}
        {state.isLoading ? "Loading…" : label}
      </Link>
      {state.error && (
        <p role="alert" className="text-danger text-sm">
          {state.error}
        </p>
      )}
    </div>
  );
}
