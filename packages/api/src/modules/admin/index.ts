export { adminRouter } from "./admin.router.ts";
export { platformAdminCommand } from "./platform-admin-command.ts";
