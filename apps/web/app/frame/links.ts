/** Where an organization is created: the list of organizations with its dialog open. */
export const CREATE_ORGANIZATION = "/settings/organizations?dialog=create";
/** Every organization of the platform, for platform admins. */
export const ALL_ORGANIZATIONS = "/admin/organizations";
/** Where platform admins find a person who needs help. */
export const ALL_PEOPLE = "/admin/people";

/** Where the admins of an enterprise make its teams. */
export function enterpriseTeams(slug: string): string {
  return `/enterprise/${slug}/teams`;
}
