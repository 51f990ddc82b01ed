import { Form } from "@remix-run/react";
import { CircleCheck, X } from "lucide-react";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from "react";
import { type Toast, toastCookie, type Undo } from "./toast";

const SHOWN_MS = 6_000;
/** There is something to decide. */
const WITH_UNDO_SHOWN_MS = 15_000;
const MOST_SHOWN = 3;

const ToastContext = createContext<(message: string) => void>(() => undefined);

/** Says something shortly, in passing: after success, or when something happened to the reader. */
export function useToast(): (message: string) => void {
  return useContext(ToastContext);
}

/** Holds the short messages. Those that `arrived` with the page are shown before any script, too; each is shown once. */
export function Toaster({ arrived, children }: { arrived: Toast[]; children: ReactNode }) {
  const [toasts, setToasts] = useState<Toast[]>(arrived);
  const seen = useRef(new Set(arrived.map(({ id }) => id)));

  const show = useCallback((toast: Toast) => setToasts((shown) => [...shown, toast].slice(-MOST_SHOWN)), []);
  const dismiss = useCallback((id: string) => setToasts((shown) => shown.filter((toast) => toast.id !== id)), []);
  const say = useCallback((message: string) => show({ id: crypto.randomUUID(), message }), [show]);

  useEffect(() => {
    for (const toast of arrived) {
      // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in some of the browsers that we support.
      document.cookie = `${toastCookie(toast.id)}=; Path=/; Max-Age=0; SameSite=Lax`;
      if (seen.current.has(toast.id)) continue;
      seen.current.add(toast.id);
      show(toast);
    }
  }, [arrived, show]);

  return (
    <ToastContext.Provider value={say}>
      {children}
      <div
        role="status"
        aria-live="polite"
        className="pointer-events-none fixed inset-x-4 bottom-4 z-40 grid justify-items-center gap-2 md:left-auto md:justify-items-end"
      >
        {toasts.map((toast) => (
          <ToastCard key={toast.id} toast={toast} onDismiss={dismiss} />
        ))}
      </div>
    </ToastContext.Provider>
  );
}

function ToastCard({ toast, onDismiss }: { toast: Toast; onDismiss: (id: string) => void }) {
  const [isHeld, setIsHeld] = useState(false);
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(() => onDismiss(toast.id), toast.undo ? WITH_UNDO_SHOWN_MS : SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isHeld, onDismiss, toast.id, toast.undo]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: holding the pointer here only keeps the message longer.
    <div
      className="pointer-events-auto flex max-w-96 items-start gap-2.5 rounded-lg bg-raised py-2.5 pr-2 pl-3.5 shadow-float"
      onPointerEnter={() => setIsHeld(true)}
      onPointerLeave={() => setIsHeld(false)}
      onFocus={() => setIsHeld(true)}
      onBlur={() => setIsHeld(false)}
    >
      <CircleCheck aria-hidden className="mt-0.5 size-4.5 shrink-0 text-positive" />
      <p className="min-w-0 flex-1">{toast.message}</p>
      {toast.undo && <UndoButton undo={toast.undo} onDone={() => onDismiss(toast.id)} />}
      <button
        type="button"
        onClick={() => onDismiss(toast.id)}
        className="-my-1 grid size-8 place-items-center rounded-md text-ink-muted hover:bg-hover hover:text-ink noscript:hidden"
      >
        <X aria-hidden className="size-4" />
        <span className="sr-only">Dismiss</span>
      </button>
    </div>
  );
}

function UndoButton({ undo, onDone }: { undo: Undo; onDone: () => void }) {
  return (
    // A little later: a form that has left the page is not sent.
    <Form method="post" action={undo.action} onSubmit={() => setTimeout(onDone)}>
      {Object.entries(undo.fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <button type="submit" className="-my-1 h-8 rounded-md px-2 font-medium text-accent-ink text-sm hover:bg-hover">
        Undo
      </button>
    </Form>
  );
}
