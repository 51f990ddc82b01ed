/** The kinds of things that are changed, as the first part of an action names them, and how people read them. */
export const ACTION_KINDS: Record<string, string> = {
  organization: "Organization",
  member: "Members",
  ownership: "Ownership",
  invite: "Invites",
  team: "Teams",
  credits: "Credits",
  usage: "Usage corrections",
  allowance: "Monthly allowance",
  spend_policy: "Spend policy",
  api_key: "API keys",
};
