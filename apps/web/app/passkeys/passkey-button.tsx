import { Fingerprint } from "lucide-react";
import { useState } from "react";
import { Button, type ButtonLook } from "~/components/button";
import { Notice } from "~/components/notice";
import { passkeyFailure } from "./passkey-failure";

type Ceremonies = typeof import("./ceremonies");

interface PasskeyButtonProps {
  children: string;
  pendingLabel: string;
  look?: ButtonLook;
  /** What is done with the passkey. */
  act: (ceremonies: Ceremonies) => Promise<void>;
  onDone: () => void;
}

/** Does something with a passkey, and says why when it did not work. Not shown without JavaScript: passkeys need it. */
export function PasskeyButton({ children, pendingLabel, look = "secondary", act, onDone }: PasskeyButtonProps) {
  const { isPending, failure, run } = usePasskey(act, onDone);
  return (
    <div className="grid gap-3 noscript:hidden">
      {failure && <Notice tone="danger" title={failure} />}
      <Button look={look} isPending={isPending} onClick={run}>
        {!isPending && <Fingerprint aria-hidden className="size-4" />}
        {isPending ? pendingLabel : children}
      </Button>
    </div>
  );
}

/** Runs one ceremony at a time. After it has worked it stays pending: the page is left. */
export function usePasskey(act: PasskeyButtonProps["act"], onDone: () => void) {
  const [isPending, setPending] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const run = async () => {
    setPending(true);
    setFailure(null);
    try {
      await act(await import("./ceremonies"));
      onDone();
    } catch (error) {
      setFailure(passkeyFailure(error));
      setPending(false);
    }
  };
  return { isPending, failure, run };
}
