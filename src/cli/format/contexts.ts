import type { Listing } from "./listing.ts";

export interface ListedContext {
  readonly name: string;
  readonly description: string;
  readonly endpoint: string;
  readonly current: boolean;
}

const DESCRIPTION_WIDTH = 60;

export const contextListing: Listing<ListedContext> = {
  typeName: "*formatter.clientContextContext",
  columns: ["ShownName", "Description", "DockerEndpoint", "Error"],
  fields: {
    Current: { header: "CURRENT", make: ({ current }) => current },
    Description: {
      header: "DESCRIPTION",
      make: ({ description }) =>
        description.length > DESCRIPTION_WIDTH
          ? `${description.slice(0, DESCRIPTION_WIDTH - 1)}…`
          : description,
    },
    DockerEndpoint: { header: "DOCKER ENDPOINT", make: ({ endpoint }) => endpoint },
    Error: { header: "ERROR", make: () => "" },
    Name: { header: "NAME", make: ({ name }) => name },
    // Only of the table without a template: the current one is marked there.
    ShownName: { header: "NAME", called: true, make: ({ name, current }) => (current ? `${name} *` : name) },
  },
};
