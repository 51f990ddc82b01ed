import clsx from "clsx";
import { CircleAlert } from "lucide-react";
import type { InputHTMLAttributes, ReactNode } from "react";

const CONTROL =
  "w-full rounded-md border bg-surface px-3 text-base text-ink transition-colors disabled:opacity-60 read-only:bg-sunken aria-[invalid=true]:border-danger border-line-control hover:border-ink-faint";

interface FieldProps {
  /** Also the control's id. */
  name: string;
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  isOptional?: boolean;
  children: (control: { id: string; name: string; "aria-invalid"?: true; "aria-describedby"?: string }) => ReactNode;
}

/** A labelled control with its hint and its message. The message is announced with the control that it is about. */
export function Field({ name, label, hint, error, isOptional = false, children }: FieldProps) {
  const id = `field-${name}`;
  const described = [hint && !error ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="font-medium text-sm">
        {label}
        {isOptional && <span className="ml-1 font-normal text-ink-faint">(optional)</span>}
      </label>
      {children({
        id,
        name,
        ...(error ? { "aria-invalid": true } : {}),
        ...(described ? { "aria-describedby": described } : {}),
      })}
      {error && (
        <p id={`${id}-error`} className="flex items-start gap-1.5 text-danger text-sm">
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          {error}
        </p>
      )}
      {hint && !error && (
        <p id={`${id}-hint`} className="text-ink-faint text-sm">
          {hint}
        </p>
      )}
    </div>
  );
}

interface TextFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "name" | "children"> {
  name: string;
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  isOptional?: boolean;
  /** What stands inside the control's right edge, like a unit. */
  unit?: string;
}

/** A field of one line of text. */
export function TextField({ name, label, hint, error, isOptional, unit, className, ...input }: TextFieldProps) {
  return (
    <Field name={name} label={label} hint={hint} error={error} isOptional={isOptional ?? false}>
      {(control) =>
        unit ? (
          <div className="relative">
            <input {...control} {...input} className={clsx(CONTROL, "h-9 pr-20", className)} />
            <span className="pointer-events-none absolute inset-y-0 right-3 flex items-center text-ink-faint text-sm">
              {unit}
            </span>
          </div>
        ) : (
          <input {...control} {...input} className={clsx(CONTROL, "h-9", className)} />
        )
      }
    </Field>
  );
}
