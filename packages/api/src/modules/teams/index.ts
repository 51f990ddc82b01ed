export { addTeamMember } from "./add-team-member.ts";
export { createTeam } from "./create-team.ts";
export {
  leaveAssignedTeams,
  leaveFreeTeams,
  lockOwnTeams,
  type OwnTeam,
  readOrganizationsOfTeams,
  readOwnTeamIds,
} from "./leave-teams.ts";
export { teamsRouter } from "./teams.router.ts";
