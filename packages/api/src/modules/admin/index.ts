export { adminRouter } from "./admin.router.ts";
export { listPlatformAdmins, setPlatformAdmin } from "./set-platform-admin.ts";
