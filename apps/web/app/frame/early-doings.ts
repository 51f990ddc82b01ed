import { useEffect, useLayoutEffect, useRef } from "react";

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** What somebody has done on a page that scripts had not taken over yet. */
interface EarlyDoings {
  /** The fields that were changed: the text, or whether it is ticked. */
  changed: Map<Control, string | boolean>;
  /** The last press on a button that only scripts give a meaning. */
  press: { button: HTMLButtonElement; event: Event } | null;
  stop: () => void;
}

declare global {
  interface Window {
    earlyDoings?: EarlyDoings | undefined;
  }
}

/**
 * Runs in the page before anything else, as an inline script: it may refer to nothing outside of itself. Links and forms work
 * before the scripts have come; this keeps what does not.
 */
function keep() {
  const listening = new AbortController();
  const kept: EarlyDoings = { changed: new Map(), press: null, stop: () => listening.abort() };
  window.earlyDoings = kept;
  const options = { capture: true, signal: listening.signal };
  const note = ({ target }: Event) => {
    // Whoever goes on elsewhere does not wait for the button any more.
    kept.press = null;
    if (target instanceof HTMLInputElement) {
      if (target.type === "file") return;
      const isTicked = target.type === "checkbox" || target.type === "radio";
      kept.changed.set(target, isTicked ? target.checked : target.value);
    } else if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) {
      kept.changed.set(target, target.value);
    }
  };
  window.addEventListener("input", note, options);
  window.addEventListener("change", note, options);
  const notePress = (event: Event) => {
    const button = event.target instanceof Element && event.target.closest("button[type=button]:not([popovertarget])");
    if (button instanceof HTMLButtonElement) kept.press = { button, event };
  };
  window.addEventListener("click", notePress, options);
}

/** The text of the script that keeps what is done early. */
export const KEEP_EARLY_DOINGS = `(${keep})()`;

/** After how many milliseconds a press that nothing followed is given up: what it opened would come as a surprise. */
const PRESS_COUNTS_FOR_MS = 5_000;

/** Says whether a press still counts at a moment of the page's own clock (performance.now). */
export function isPressRecent({ timeStamp }: Pick<Event, "timeStamp">, now: number): boolean {
  return now - timeStamp <= PRESS_COUNTS_FOR_MS;
}

const useBrowserLayoutEffect = typeof window === "undefined" ? useEffect : useLayoutEffect;

/**
 * Does again what was done before the scripts took over, so that typed text is not lost and a pressed button acts. For the
 * outermost component.
 */
export function useEarlyDoings(): void {
  const press = useRef<EarlyDoings["press"]>(null);
  useBrowserLayoutEffect(() => {
    // From this moment on React hears presses itself.
    const kept = window.earlyDoings?.press;
    press.current = kept && isPressRecent(kept.event, performance.now()) ? kept : null;
  }, []);
  // After the effects of everything inside, which begins from its first state.
  useEffect(() => redo(press.current), []);
}

function redo(press: EarlyDoings["press"]): void {
  const early = window.earlyDoings;
  if (!early) return;
  window.earlyDoings = undefined;
  early.stop();
  queueMicrotask(() => {
    for (const [control, wanted] of early.changed) if (control.isConnected) changeAgain(control, wanted);
    // A press that is still under way reaches the page by itself: it is what made React hurry.
    if (press?.event.eventPhase === Event.NONE && press.button.isConnected) press.button.click();
  });
}

/** React takes notice of a change only where the field differs from what it saw last, so it is shown another value before. */
function changeAgain(control: Control, wanted: string | boolean): void {
  if (typeof wanted === "boolean") {
    if (!(control instanceof HTMLInputElement) || (control.type === "radio" && !wanted)) return;
    control.checked = !wanted;
    control.click();
    return;
  }
  if (control instanceof HTMLSelectElement) control.value = wanted;
  else typeAgain(control, wanted);
  control.dispatchEvent(new Event("input", { bubbles: true }));
  control.dispatchEvent(new Event("change", { bubbles: true }));
}

function typeAgain(control: HTMLInputElement | HTMLTextAreaElement, wanted: string): void {
  const { selectionStart, selectionEnd } = control;
  control.value = wanted === "" ? " " : "";
  const prototype = control instanceof HTMLInputElement ? HTMLInputElement.prototype : HTMLTextAreaElement.prototype;
  // React watches the field's own property; the platform's is what typing changes.
  Object.getOwnPropertyDescriptor(prototype, "value")?.set?.call(control, wanted);
  if (control === document.activeElement && selectionStart !== null) {
    control.setSelectionRange(selectionStart, selectionEnd);
  }
}
