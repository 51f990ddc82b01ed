import { useActionData } from "@remix-run/react";
import { Avatar } from "~/components/avatar";
import { Card } from "~/components/card";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { resultOf } from "~/forms/form-result";
import { usePortal } from "~/frame/portal-context";
import { useDraft } from "~/organization/use-draft";

/** What the person is called, and the initials that stand for them. Theirs to change, shown in all their organizations (S2.3). */
export function ProfileCard() {
  const { me, email } = usePortal();
  const result = resultOf(useActionData(), "rename-person");
  const [name, setName] = useDraft(me.name, result?.values.name);
  return (
    <Card title="Profile" description="The same in all your organizations. Only you can change it.">
      <div className="grid gap-5">
        <div className="flex items-center gap-3">
          <Avatar name={name} shape="person" size="xl" />
          <div className="grid min-w-0">
            <span className="font-medium">{me.name}</span>
            <span className="text-ink-muted">{email.email}</span>
          </div>
        </div>
        <ActionForm intent="rename-person" action="/settings/account" result={result}>
          <TextField
            name="name"
            label="Name"
            required
            maxLength={100}
            autoComplete="name"
            value={name}
            onChange={(event) => setName(event.target.value)}
            error={result?.fieldErrors.name}
            hint="Other members see it with what you do; your initials are made of it."
          />
          <div>
            <SubmitButton pendingLabel="Saving…">Save</SubmitButton>
          </div>
        </ActionForm>
      </div>
    </Card>
  );
}
