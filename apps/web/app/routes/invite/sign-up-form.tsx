import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { Notice } from "~/components/notice";
import { TextLink } from "~/components/text-link";
import { resultOf } from "~/forms/form-result";

/** A new person's way in: the address is the invited one. Who has an account signs in with the same link. */
export function SignUpForm({ token, email, answer }: { token: string; email: string; answer: unknown }) {
  const result = resultOf(answer, "sign-up");
  const signIn = `/sign-in?next=${encodeURIComponent(`/invite/${token}`)}`;
  if (result?.code === "email_taken") {
    return <KnownAlready signIn={signIn} />;
  }
  return (
    <>
      <p className="text-ink-muted text-sm">
        You have an account? <TextLink to={signIn}>Sign in to accept</TextLink>
      </p>
      <ActionForm intent="sign-up" result={result}>
        <TextField
          name="email"
          label="E-mail"
          type="email"
          autoComplete="username"
          value={email}
          readOnly
          hint="The invite is for this address; your account gets it."
        />
        <TextField
          name="name"
          label="Name"
          autoComplete="name"
          required
          defaultValue={result?.values.name}
          error={result?.fieldErrors.name}
        />
        <TextField
          name="password"
          label="Password"
          type="password"
          autoComplete="new-password"
          required
          hint="At least 8 characters."
          error={result?.fieldErrors.password}
        />
        <SubmitButton pendingLabel="Creating the account…">Create account and join</SubmitButton>
      </ActionForm>
    </>
  );
}

function KnownAlready({ signIn }: { signIn: string }) {
  return (
    <Notice
      tone="info"
      title="You have an account already"
      actions={<TextLink to={signIn}>Sign in to accept the invite</TextLink>}
    >
      There is an account with this address. Sign in with its password; the invite waits for you behind it.
    </Notice>
  );
}
