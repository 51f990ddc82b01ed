import clsx from "clsx";
import { type ReactNode, type RefObject, useEffect, useId, useRef } from "react";

/** Room between the button and what it opens, and to the window's edges, in pixels. */
const GAP_PX = 6;
const EDGE_PX = 8;

interface PopoverProps {
  /** Of what opens: said by screen readers. */
  label: string;
  buttonClassName?: string;
  button: ReactNode;
  className?: string;
  onOpen?: () => void;
  onClose?: () => void;
  /** `close` is for links inside, which lead away. */
  children: (close: () => void) => ReactNode;
}

/**
 * A button and what it opens above the page, by the platform's own popover: closes on Escape, on a press elsewhere and when
 * another opens, gives the focus back, works inside a dialog and before any script has loaded.
 */
export function Popover(props: PopoverProps) {
  const id = useId();
  const trigger = useRef<HTMLButtonElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const { label, buttonClassName, button, className, children } = props;
  useToggling(trigger, box, props);
  return (
    <>
      <button
        ref={trigger}
        type="button"
        aria-haspopup="dialog"
        className={buttonClassName}
        // React 18 does not know the platform's popovers yet and passes the attributes on as they are.
        {...{ popovertarget: id }}
      >
        {button}
      </button>
      <div
        ref={box}
        id={id}
        role="dialog"
        aria-label={label}
        className={clsx("popover rounded-lg bg-raised text-ink shadow-float", className)}
        {...{ popover: "auto" }}
      >
        {children(() => box.current?.hidePopover())}
      </div>
    </>
  );
}

/** Places the box when it opens, and tells the owner of the popover. */
function useToggling(
  trigger: RefObject<HTMLButtonElement>,
  box: RefObject<HTMLDivElement>,
  owner: Pick<PopoverProps, "onOpen" | "onClose">,
) {
  const latest = useRef(owner);
  latest.current = owner;
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const place = () => trigger.current && placeBeside(element, trigger.current);
    const toggled = (event: Event) => {
      const isOpen = (event as ToggleEvent).newState === "open";
      if (isOpen) place();
      if (isOpen) latest.current.onOpen?.();
      else latest.current.onClose?.();
    };
    element.addEventListener("toggle", toggled);
    // The platform opens it before any script has loaded, too.
    if (element.matches(":popover-open")) {
      place();
      latest.current.onOpen?.();
    }
    window.addEventListener("resize", place);
    return () => {
      element.removeEventListener("toggle", toggled);
      window.removeEventListener("resize", place);
    };
  }, [trigger, box]);
}

/** Under the button, or above it where there is more room; never beyond the window. */
function placeBeside(element: HTMLElement, trigger: HTMLElement): void {
  const at = trigger.getBoundingClientRect();
  const { offsetWidth, offsetHeight } = element;
  const fitsBelow = at.bottom + GAP_PX + offsetHeight <= window.innerHeight - EDGE_PX;
  const top = fitsBelow ? at.bottom + GAP_PX : Math.max(EDGE_PX, at.top - GAP_PX - offsetHeight);
  const left = Math.max(EDGE_PX, Math.min(at.left, window.innerWidth - EDGE_PX - offsetWidth));
  element.style.top = `${Math.round(top)}px`;
  element.style.left = `${Math.round(left)}px`;
}
