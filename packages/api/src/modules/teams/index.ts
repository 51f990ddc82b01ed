export { addTeamMember } from "./add-team-member.ts";
export { createTeam } from "./create-team.ts";
export { leaveAssignedTeams, lockOwnTeams, type OwnTeam, readOrganizationsOfTeams } from "./leave-teams.ts";
export { teamsRouter } from "./teams.router.ts";
