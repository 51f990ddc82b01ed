import type { EnterpriseAdmin } from "~/api/types";
import { Card } from "~/components/card";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { Cell, type Column, Table } from "~/components/table";
import { Time } from "~/components/time";
import { resultOf } from "~/forms/form-result";
import { usePortal } from "~/frame/portal-context";

const COLUMNS: readonly Column[] = [
  { label: "Person", className: "w-full" },
  { label: "Since", isWideOnly: true },
  { label: "Actions", isLabelHidden: true },
];

interface AdminsCardProps {
  admins: readonly EnterpriseAdmin[];
  answer: unknown;
}

/** Who administers the enterprise, with the form that adds somebody by their e-mail. The last one cannot be removed. */
export function AdminsCard({ admins, answer }: AdminsCardProps) {
  return (
    <Card
      title="Enterprise admins"
      description="They make teams and kinds of credits, and choose who is in a team."
      isFlush
      className="mt-6 overflow-hidden"
    >
      {/* Somebody was added: the field is for the next one. */}
      <AddAdmin key={admins.length} answer={answer} />
      <Table caption="Admins of the enterprise" columns={COLUMNS}>
        {admins.map((admin) => (
          <AdminRow key={admin.userId} admin={admin} isLast={admins.length === 1} answer={answer} />
        ))}
      </Table>
    </Card>
  );
}

function AddAdmin({ answer }: { answer: unknown }) {
  const result = resultOf(answer, "add-admin");
  return (
    <div className="border-line border-b p-4">
      <ActionForm intent="add-admin" result={result} className="grid gap-3">
        <div className="flex flex-wrap items-start gap-2">
          <div className="min-w-56 max-w-md flex-1">
            <TextField
              name="email"
              type="email"
              label="E-mail"
              required
              maxLength={254}
              autoComplete="off"
              placeholder="grace@example.com"
              defaultValue={result?.values.email}
              error={result?.fieldErrors.email}
            />
          </div>
          <span className="sm:pt-6.5">
            <SubmitButton pendingLabel="Adding…">Add admin</SubmitButton>
          </span>
        </div>
      </ActionForm>
    </div>
  );
}

interface AdminRowProps {
  admin: EnterpriseAdmin;
  isLast: boolean;
  answer: unknown;
}

function AdminRow({ admin: { userId, name, email, addedAt }, isLast, answer }: AdminRowProps) {
  const { me } = usePortal();
  const intent = `remove-admin ${userId}`;
  return (
    <tr data-testid="enterprise-admin">
      <Cell>
        <span className="block font-medium">
          {name}
          {userId === me.id && <span className="font-normal text-ink-muted"> (you)</span>}
        </span>
        <span className="block break-all text-ink-muted text-sm">{email}</span>
        {isLast && <span className="block text-ink-muted text-sm">The only admin stays. Add another one first.</span>}
      </Cell>
      <Cell isWideOnly className="whitespace-nowrap text-ink-muted">
        <Time at={addedAt} />
      </Cell>
      <Cell className="text-right">
        {!isLast && (
          <ActionForm intent={intent} result={resultOf(answer, intent)} className="inline-grid">
            <input type="hidden" name="userId" value={userId} />
            <input type="hidden" name="name" value={name} />
            <SubmitButton look="quiet" size="sm" pendingLabel="Removing…">
              Remove<span className="sr-only"> {name}</span>
            </SubmitButton>
          </ActionForm>
        )}
      </Cell>
    </tr>
  );
}
