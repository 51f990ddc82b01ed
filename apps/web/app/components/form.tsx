import { Form, type FormProps, useNavigation } from "@remix-run/react";
import { createContext, type ReactNode, useContext, useEffect, useRef } from "react";
import type { FormResult } from "~/forms/form-result";
import { Button, type LookProps } from "./button";
import { Notice } from "./notice";

interface ActionFormProps extends Omit<FormProps, "method"> {
  /** Tells this form from others of the page. */
  intent?: string;
  /** What the action answered when it refused this form. */
  result?: FormResult | undefined;
  children: ReactNode;
}

const PendingContext = createContext(false);

/**
 * A form that works before any script has loaded. With one, it is sent without a page load, once at a time; when it comes back
 * refused, the focus goes to the first field with a message.
 */
export function ActionForm({ intent = "", result, children, className = "grid gap-4", ...rest }: ActionFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const navigation = useNavigation();
  const isPending = navigation.state !== "idle" && (navigation.formData?.get("intent") ?? null) === intent;

  useEffect(() => {
    if (!result) return;
    const wrong = form.current?.querySelector<HTMLElement>("[aria-invalid=true]");
    (wrong ?? form.current?.querySelector<HTMLElement>("[data-form-error]"))?.focus();
  }, [result]);

  return (
    <Form
      ref={form}
      method="post"
      noValidate
      className={className}
      onSubmit={(event) => isPending && event.preventDefault()}
      {...rest}
    >
      <input type="hidden" name="intent" value={intent} />
      {result?.formError && (
        <div tabIndex={-1} data-form-error className="rounded-lg">
          <Notice tone="danger" title={result.formError}>
            {result.requestId && <>Tell support this request id: {result.requestId}</>}
          </Notice>
        </div>
      )}
      <PendingContext.Provider value={isPending}>{children}</PendingContext.Provider>
    </Form>
  );
}

/** Sends the form around it; shows progress meanwhile and takes no second press. */
export function SubmitButton({
  children,
  pendingLabel,
  ...look
}: LookProps & { children: ReactNode; pendingLabel: string }) {
  const isPending = useContext(PendingContext);
  return (
    <Button type="submit" look="primary" {...look} isPending={isPending}>
      {isPending ? pendingLabel : children}
    </Button>
  );
}
