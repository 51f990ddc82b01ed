/** A short message after success. */
export interface Toast {
  id: string;
  message: string;
  /** The form that takes back what was done, where that is possible. */
  undo?: Undo;
}

/** A form's address and fields. */
export interface Undo {
  action: string;
  fields: Record<string, string>;
}

/** The name of the cookie in which a message waits for its page. */
export function toastCookie(id: string): string {
  return `toast-${id}`;
}
