export { leaveTeams } from "./remove-team-member.ts";
export { teamsRouter } from "./teams.router.ts";
