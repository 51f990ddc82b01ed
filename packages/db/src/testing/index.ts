export { checksumRows, type RowOwners } from "./checksum-rows.ts";
export type { TestCluster } from "./global-setup.ts";
export { pgTest, useDatabase } from "./pg-test.ts";
export { createTestDatabase, type TestDatabase } from "./test-database.ts";
