import { type ApiKeyScope, allApiKeyScopes, apiKeyScopes } from "@guildhall/auth/permissions";
import { CircleAlert } from "lucide-react";
import type { FormResult } from "~/forms/form-result";

const ERROR_ID = "scopes-error";
const AREAS = [...new Set(allApiKeyScopes.map((scope) => apiKeyScopes[scope].area))];

/** What the checkbox of a scope is called in the form. */
export const scopeField = (scope: ApiKeyScope): string => `scope_${scope}`;

/** What a new key may do: one checkbox each, ticked as most programs need it, or as it was sent and refused. */
export function ScopeFields({ result }: { result: FormResult | undefined }) {
  const error = result?.fieldErrors.scopes;
  return (
    <fieldset className="grid gap-3" aria-describedby={error ? ERROR_ID : undefined}>
      <legend className="mb-1.5 font-medium text-sm">A program with this key may</legend>
      {error && (
        <p id={ERROR_ID} className="flex items-start gap-1.5 text-danger text-sm">
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          {error}
        </p>
      )}
      {AREAS.map((area) => (
        <div key={area} className="grid gap-1 sm:grid-cols-[4.5rem_1fr] sm:gap-3">
          <p className="pt-0.5 text-ink-muted text-sm">{area}</p>
          <div className="grid gap-1.5">
            {allApiKeyScopes
              .filter((scope) => apiKeyScopes[scope].area === area)
              .map((scope, place) => (
                <ScopeCheck
                  key={scope}
                  scope={scope}
                  isOn={result ? result.values[scopeField(scope)] === "on" : apiKeyScopes[scope].isUsual}
                  isWrong={error !== undefined && area === AREAS[0] && place === 0}
                />
              ))}
          </div>
        </div>
      ))}
      <p className="text-ink-faint text-sm">
        Give it no more than it needs. This cannot be changed later: a program that needs more gets another key.
      </p>
    </fieldset>
  );
}

function ScopeCheck({ scope, isOn, isWrong }: { scope: ApiKeyScope; isOn: boolean; isWrong: boolean }) {
  return (
    <label className="flex items-start gap-2.5">
      <input
        type="checkbox"
        name={scopeField(scope)}
        defaultChecked={isOn}
        className="mt-1 size-4 shrink-0"
        {...(isWrong && { "aria-invalid": true })}
      />
      <span>
        {apiKeyScopes[scope].may} <code className="block font-mono text-ink-faint text-xs">{scope}</code>
      </span>
    </label>
  );
}

/** What a key may do, in the words of the documentation. */
export function ScopeList({ scopes }: { scopes: readonly ApiKeyScope[] }) {
  if (scopes.length === allApiKeyScopes.length) return <>All scopes</>;
  return (
    <ul aria-label="Scopes" className="flex flex-wrap gap-1 font-mono text-xs">
      {scopes.map((scope) => (
        <li key={scope} title={`May ${apiKeyScopes[scope].may}`} className="rounded-sm bg-neutral-soft px-1.5 py-0.5">
          {scope}
        </li>
      ))}
    </ul>
  );
}
