import type { HistoryItem } from "../../api/schema/image.ts";
import type { Listing } from "./listing.ts";
import { ellipsis, formatAge, formatBytes, formatRfc3339, shortId } from "./units.ts";

const COMMAND_WIDTH = 45;

export const historyListing = (cut: boolean, human: boolean): Listing<HistoryItem> => ({
  typeName: "*history.historyContext",
  columns: ["ID", human ? "CreatedSince" : "CreatedAt", "CreatedBy", "Size", "Comment"],
  fields: {
    Comment: { header: "COMMENT", make: ({ Comment }) => Comment },
    CreatedAt: { header: "CREATED AT", make: ({ Created }) => formatRfc3339(Created) },
    CreatedBy: {
      header: "CREATED BY",
      make({ CreatedBy }) {
        const line = CreatedBy.replaceAll("\t", " ");
        return cut ? ellipsis(line, COMMAND_WIDTH) : line;
      },
    },
    CreatedSince: {
      header: "CREATED",
      make: ({ Created }) => (human ? formatAge(Date.now() / 1000 - Created) : formatRfc3339(Created)),
    },
    ID: { header: "IMAGE", make: ({ Id }) => (cut ? shortId(Id) : Id) },
    Size: { header: "SIZE", make: ({ Size }) => (human ? formatBytes(Size) : String(Size)) },
  },
});
