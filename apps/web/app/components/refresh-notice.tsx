import { Button } from "./button";
import { Notice } from "./notice";

/** Says that a list could not be brought up to date: what is shown stays, marked as old, with a way to try again. */
export function RefreshNotice({ message, onRetry }: { message: string | null; onRetry: () => void }) {
  if (!message) return null;
  return (
    <Notice
      tone="warning"
      title="This list may be out of date"
      className="m-3"
      actions={
        <Button size="sm" onClick={onRetry}>
          Try again
        </Button>
      }
    >
      {message}
    </Notice>
  );
}
