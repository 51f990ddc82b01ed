import { Link, useNavigate } from "@remix-run/react";
import clsx from "clsx";
import { X } from "lucide-react";
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";

const useBrowserLayoutEffect = typeof window === "undefined" ? useEffect : useLayoutEffect;

interface OverlayProps {
  label: string;
  onClose: () => void;
  className?: string;
  children: ReactNode;
}

/**
 * The platform's modal dialog: keeps the focus inside, closes on Escape and on a press beside it, and gives the focus back. In
 * the server's answer it is open already, so it can be used before any script has loaded.
 */
export function Overlay({ label, onClose, className, children }: OverlayProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [cameFrom] = useState(() => (typeof document === "undefined" ? null : document.activeElement));

  // Before it is painted: Escape pressed at once would find no modal dialog, and text typed at once no field.
  useBrowserLayoutEffect(() => {
    const element = dialog.current;
    if (!element) return;
    // showModal focuses the first thing that can be focused; a field that asked for the focus keeps it.
    const asked = element.contains(document.activeElement) ? document.activeElement : null;
    if (element.open) element.close();
    element.showModal();
    if (asked instanceof HTMLElement) asked.focus();
    return () => {
      element.close();
      if (cameFrom instanceof HTMLElement) cameFrom.focus({ preventScroll: true });
    };
  }, [cameFrom]);

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it, which is the dialog's own cancel event.
    <dialog
      ref={dialog}
      open
      suppressHydrationWarning
      aria-label={label}
      className={clsx("overlay text-ink", className)}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === event.currentTarget && onClose()}
    >
      {children}
    </dialog>
  );
}

interface DialogProps {
  title: string;
  description?: ReactNode;
  /** The page without the dialog: closing leads there. */
  closeTo: string;
  children: ReactNode;
}

/** A dialog that is part of the address: opened and closed by links, so that back, forward and sharing work. */
export function Dialog({ title, description, closeTo, children }: DialogProps) {
  const navigate = useNavigate();
  const close = () => navigate(closeTo, { preventScrollReset: true, replace: true });
  return (
    <Overlay
      label={title}
      onClose={close}
      className="m-auto max-h-[calc(100dvh-2rem)] w-[min(30rem,calc(100vw-2rem))] overflow-y-auto rounded-lg bg-raised shadow-float"
    >
      <div className="grid gap-5 p-5">
        <header className="grid gap-1 pr-8">
          <h2 className="font-semibold text-lg">{title}</h2>
          {description && <div className="text-ink-muted">{description}</div>}
        </header>
        {children}
        <Link
          to={closeTo}
          replace
          preventScrollReset
          className="absolute top-4 right-4 grid size-8 place-items-center rounded-md text-ink-muted hover:bg-hover hover:text-ink"
        >
          <X aria-hidden className="size-4" />
          <span className="sr-only">Close</span>
        </Link>
      </div>
    </Overlay>
  );
}

/** The row of a dialog's buttons, the primary one last. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <div className="mt-1 flex flex-wrap-reverse items-center justify-end gap-2">{children}</div>;
}
