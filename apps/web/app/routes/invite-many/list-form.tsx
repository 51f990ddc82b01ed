import { ButtonLink } from "~/components/button";
import { Field } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import type { FormResult } from "~/forms/form-result";
import { useOrganization } from "~/organization/organization-context";
import { roleLabel, rolesUpTo } from "~/organization/roles";

const CONTROL = "w-full rounded-md border border-line-control bg-surface aria-[invalid=true]:border-danger";

interface ListFormProps {
  result: FormResult | undefined;
  /** What was typed before, when the list is changed after a look at it. */
  list: string;
  role: string;
  cancelTo: string;
}

/** Takes a list of addresses, pasted or as a file. Nothing is sent before the next step. */
export function ListForm({ result, list, role, cancelTo }: ListFormProps) {
  return (
    <ActionForm intent="check" result={result} encType="multipart/form-data" className="grid gap-5">
      <Field
        name="list"
        label="Addresses"
        hint="One per line, or many separated by commas, as mail programs copy them. A role may stand behind an address: ada@example.com, admin. Up to 1,000."
        error={result?.fieldErrors.list}
      >
        {(control) => (
          <textarea
            {...control}
            rows={9}
            defaultValue={result?.values.list ?? list}
            spellCheck={false}
            autoComplete="off"
            placeholder={"ada@example.com\ngrace@example.com, billing admin"}
            className={`${CONTROL} min-h-40 p-3 font-mono text-sm`}
          />
        )}
      </Field>
      <Field
        name="file"
        label="Or a CSV file"
        isOptional
        hint="With the columns email and role, or addresses alone. It takes the place of what is pasted above."
      >
        {(control) => (
          <input
            {...control}
            type="file"
            accept=".csv,.tsv,.txt,text/csv,text/plain,text/tab-separated-values"
            className={`${CONTROL} text-sm file:mr-3 file:h-9 file:border-0 file:bg-sunken file:px-3 file:font-medium`}
          />
        )}
      </Field>
      <RoleField role={result?.values.role ?? role} error={result?.fieldErrors.role} />
      <div className="flex flex-wrap-reverse justify-end gap-2">
        <ButtonLink look="quiet" to={cancelTo}>
          Cancel
        </ButtonLink>
        <SubmitButton pendingLabel="Reading the list…">Check the list</SubmitButton>
      </div>
    </ActionForm>
  );
}

function RoleField({ role, error }: { role: string; error: string | undefined }) {
  const { organization } = useOrganization();
  return (
    <Field name="role" label="Role for lines that name none" error={error}>
      {(control) => (
        <select {...control} defaultValue={role} className={`${CONTROL} h-9 px-2 sm:max-w-64`}>
          {rolesUpTo(organization.role).map((value) => (
            <option key={value} value={value}>
              {roleLabel(value)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
