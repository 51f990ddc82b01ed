import { type ReactNode, useState } from "react";
import type { SpendPolicy } from "~/api/types";
import { Button } from "~/components/button";
import { Card } from "~/components/card";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { Notice } from "~/components/notice";
import { type FormResult, resultOf } from "~/forms/form-result";
import { exactCredits } from "~/organization/amount-text";
import { ROLES, roleLabel } from "~/organization/roles";

interface PolicyFormProps {
  policy: SpendPolicy;
  /** The models that have a price. */
  models: string[];
  answer: unknown;
}

/**
 * The policy as a form. While nobody has touched it, it follows what others save; what was touched or refused stays, and the page
 * says that there is something newer. Whoever then asks for what holds now is shown that, and no more of the refusal.
 */
export function PolicyForm({ policy, models, answer }: PolicyFormProps) {
  const [isTouched, setTouched] = useState(false);
  const [base, setBase] = useState(policy);
  // The page keeps an answer until the next one; this one is over.
  const [forgotten, setForgotten] = useState<unknown>();
  const result = answer === forgotten ? undefined : resultOf(answer, "spend-policy");
  const isOwn = isTouched || result !== undefined;
  const isOlder = versionOf(base) !== versionOf(policy);
  if (isOlder && !isOwn) setBase(policy);
  const followWhatHolds = () => {
    setForgotten(answer);
    setTouched(false);
  };
  return (
    <Card title="Policy">
      {isOlder && isOwn && (
        <Notice
          tone="warning"
          title="Somebody has changed the policy meanwhile"
          className="mb-4"
          actions={
            <Button size="sm" onClick={followWhatHolds}>
              Show what holds now
            </Button>
          }
        >
          Saving replaces it with what stands here.
        </Notice>
      )}
      <ActionForm
        key={versionOf(base)}
        intent="spend-policy"
        result={result}
        className="grid gap-6"
        onChange={() => setTouched(true)}
        // What is saved comes back as the policy that holds.
        onSubmitCapture={() => setTouched(false)}
      >
        <WhoFields policy={base} result={result} />
        <LimitFields policy={base} result={result} />
        <ModelFields policy={base} models={models} result={result} />
        <div>
          <SubmitButton pendingLabel="Saving…">Save policy</SubmitButton>
        </div>
      </ActionForm>
    </Card>
  );
}

interface FieldsProps {
  policy: SpendPolicy;
  result: FormResult | undefined;
}

function WhoFields({ policy, result }: FieldsProps) {
  const isOn = (name: string, stored: boolean) => (result ? result.values[name] === "on" : stored);
  return (
    <Group legend="Who may spend" error={result?.fieldErrors.roles}>
      {ROLES.map((role) => (
        <Check key={role} name={`role_${role}`} isOn={isOn(`role_${role}`, policy.roles.includes(role))}>
          {roleLabel(role)}
        </Check>
      ))}
      <Check
        name="teamsMaySpend"
        isOn={isOn("teamsMaySpend", policy.teamsMaySpend)}
        hint="Whoever may not spend by their role then spends through their team."
      >
        People of assigned teams
      </Check>
    </Group>
  );
}

function LimitFields({ policy, result }: FieldsProps) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <LimitField
        name="perSpendLimit"
        label="Limit for one charge"
        hint="Empty: no limit."
        stored={policy.perSpendLimitMicro}
        result={result}
      />
      <LimitField
        name="teamMonthlyLimit"
        label="Each team in a month"
        hint="Calendar month (UTC). Empty: no limit. 0: nothing."
        stored={policy.teamMonthlyLimitMicro}
        result={result}
      />
    </div>
  );
}

interface LimitFieldProps {
  name: "perSpendLimit" | "teamMonthlyLimit";
  label: string;
  hint: string;
  stored: string | null;
  result: FormResult | undefined;
}

function LimitField({ name, label, hint, stored, result }: LimitFieldProps) {
  return (
    <TextField
      name={name}
      label={label}
      hint={hint}
      unit="credits"
      inputMode="decimal"
      autoComplete="off"
      placeholder="No limit"
      className="figures"
      defaultValue={result?.values[name] ?? (stored === null ? "" : exactCredits(stored).replace(/ credits$/, ""))}
      error={result?.fieldErrors[name]}
    />
  );
}

/** Every model, or those that are ticked. A chosen model that has no price any more stays in the list. */
function ModelFields({ policy, models, result }: FieldsProps & { models: string[] }) {
  const [isChosen, setChosen] = useState(result ? result.values.models === "chosen" : policy.models !== null);
  const listed = [...new Set([...models, ...(policy.models ?? [])])].sort();
  const isOn = (model: string) =>
    result ? result.values[`model_${model}`] === "on" : (policy.models?.includes(model) ?? false);
  return (
    <Group legend="Models" error={result?.fieldErrors.models}>
      <Choice value="all" isOn={!isChosen} onChoose={() => setChosen(false)}>
        Every model
      </Choice>
      <Choice value="chosen" isOn={isChosen} onChoose={() => setChosen(true)}>
        Only these
      </Choice>
      <div className={isChosen ? "grid gap-1 pl-6 sm:grid-cols-2" : "hidden gap-1 pl-6 noscript:grid sm:grid-cols-2"}>
        {listed.map((model) => (
          <Check key={model} name={`model_${model}`} isOn={isOn(model)}>
            {model}
          </Check>
        ))}
      </div>
    </Group>
  );
}

function Group({ legend, error, children }: { legend: string; error: string | undefined; children: ReactNode }) {
  const id = `error-${legend.toLowerCase().replaceAll(" ", "-")}`;
  return (
    <fieldset className="grid gap-1" aria-describedby={error ? id : undefined}>
      <legend className="mb-1.5 font-medium text-sm">{legend}</legend>
      {children}
      {error && (
        <p id={id} className="text-danger text-sm">
          {error}
        </p>
      )}
    </fieldset>
  );
}

interface CheckProps {
  name: string;
  isOn: boolean;
  hint?: string;
  children: ReactNode;
}

function Check({ name, isOn, hint, children }: CheckProps) {
  return (
    <label className="flex items-start gap-2.5 py-0.5">
      <input type="checkbox" name={name} defaultChecked={isOn} className="mt-1 size-4 shrink-0" />
      <span>
        {children}
        {hint && <span className="block text-ink-muted text-sm">{hint}</span>}
      </span>
    </label>
  );
}

interface ChoiceProps {
  value: "all" | "chosen";
  isOn: boolean;
  onChoose: () => void;
  children: ReactNode;
}

function Choice({ value, isOn, onChoose, children }: ChoiceProps) {
  return (
    <label className="flex items-center gap-2.5 py-0.5">
      <input type="radio" name="models" value={value} defaultChecked={isOn} onChange={onChoose} className="size-4" />
      {children}
    </label>
  );
}

function versionOf({ you: _, ...policy }: SpendPolicy): string {
  return JSON.stringify(policy);
}
