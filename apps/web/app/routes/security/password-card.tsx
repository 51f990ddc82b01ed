import type { Factors } from "~/api/types";
import { Card } from "~/components/card";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { ConfirmGate } from "~/confirmation/confirm-gate";
import { resultOf } from "~/forms/form-result";
import { usePortal } from "~/frame/portal-context";

interface PasswordCardProps {
  factors: Factors;
  answer: unknown;
}

/** Changes the password. This browser stays signed in, all others do not. */
export function PasswordCard({ factors, answer }: PasswordCardProps) {
  return (
    <Card title="Password">
      <ConfirmGate factors={factors} dialog="change-password" then="change your password">
        <PasswordForm answer={answer} />
      </ConfirmGate>
    </Card>
  );
}

function PasswordForm({ answer }: Pick<PasswordCardProps, "answer">) {
  const { me } = usePortal();
  const result = resultOf(answer, "change-password");
  return (
    <ActionForm intent="change-password" result={result} className="grid max-w-sm gap-4">
      {/* For password managers: whose password it is. */}
      <input type="hidden" name="username" autoComplete="username" value={me.email} readOnly />
      <TextField
        name="password"
        label="Current password"
        type="password"
        autoComplete="current-password"
        required
        error={result?.fieldErrors.password}
      />
      <TextField
        name="newPassword"
        label="New password"
        type="password"
        autoComplete="new-password"
        required
        hint="At least 8 characters. All other devices are signed out."
        error={result?.fieldErrors.newPassword}
      />
      <div>
        <SubmitButton look="secondary" pendingLabel="Changing…">
          Change password
        </SubmitButton>
      </div>
    </ActionForm>
  );
}
