import type { ImageSearchResult } from "../../api/schema/image.ts";
import type { Listing } from "./listing.ts";
import { ellipsis } from "./units.ts";

const DESCRIPTION_WIDTH = 45;
const OK = "[OK]";

export const searchListing = (cut: boolean): Listing<ImageSearchResult> => ({
  typeName: "*registry.searchContext",
  columns: ["Name", "Description", "StarCount", "IsOfficial"],
  fields: {
    Description: {
      header: "DESCRIPTION",
      make({ description }) {
        const line = description.replaceAll(/[\r\n]/g, " ");
        return cut ? ellipsis(line, DESCRIPTION_WIDTH) : line;
      },
    },
    IsAutomated: { header: "AUTOMATED", make: ({ is_automated }) => (is_automated ? OK : "") },
    IsOfficial: { header: "OFFICIAL", make: ({ is_official }) => (is_official ? OK : "") },
    Name: { header: "NAME", make: ({ name }) => name },
    StarCount: { header: "STARS", make: ({ star_count }) => String(star_count) },
  },
});
