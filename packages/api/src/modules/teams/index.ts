export { addTeamMember } from "./add-team-member.ts";
export { createTeam } from "./create-team.ts";
export { teamsRouter } from "./teams.router.ts";
