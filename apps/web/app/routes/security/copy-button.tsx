import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "~/components/button";

const SAID_MS = 2_000;

/** Copies a text of several lines. Not shown where it cannot work. */
export function CopyButton({ text }: { text: string }) {
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = () =>
    navigator.clipboard
      ?.writeText(text)
      .then(() => setIsCopied(true))
      .catch(() => undefined);
  return (
    <Button size="sm" onClick={copy} aria-live="polite" className="noscript:hidden">
      {isCopied ? <Check aria-hidden className="size-4" /> : <Copy aria-hidden className="size-4" />}
      {isCopied ? "Copied" : "Copy"}
    </Button>
  );
}
