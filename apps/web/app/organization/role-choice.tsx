import type { Role } from "./roles";
import { roleLabel, roleMeaning, rolesUpTo } from "./roles";

interface RoleChoiceProps {
  /** The role of whoever chooses: nobody gives more than they have. */
  own: Role;
  chosen: string;
  error?: string | undefined;
}

/** One role out of those that somebody may give, each with what it may do. */
export function RoleChoice({ own, chosen, error }: RoleChoiceProps) {
  return (
    <fieldset className="grid gap-1.5" aria-describedby={error ? "role-error" : undefined}>
      <legend className="mb-1.5 font-medium text-sm">Role</legend>
      <div className="grid overflow-hidden rounded-md border border-line-control">
        {rolesUpTo(own).map((role) => (
          <label
            key={role}
            className="flex items-start gap-3 border-line px-3 py-2 not-first:border-t hover:bg-hover has-checked:bg-accent-soft"
          >
            <input
              type="radio"
              name="role"
              value={role}
              defaultChecked={role === chosen}
              aria-invalid={error ? true : undefined}
              className="mt-1 size-4 shrink-0"
            />
            <span className="grid">
              <span className="font-medium">{roleLabel(role)}</span>
              <span className="text-ink-muted text-sm">{roleMeaning(role)}</span>
            </span>
          </label>
        ))}
      </div>
      {error && (
        <p id="role-error" className="text-danger text-sm">
          {error}
        </p>
      )}
    </fieldset>
  );
}
