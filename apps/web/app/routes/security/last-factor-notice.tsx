import { Notice } from "~/components/notice";

/** What follows from giving up the only factor. */
export function LastFactorNotice() {
  return (
    <Notice tone="warning" title="This is your only second factor">
      Your password alone will let anybody in who knows it, your recovery codes are deleted, and organizations that
      require a second factor keep you out until you set one up again.
    </Notice>
  );
}
