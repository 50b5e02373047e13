import { call } from "../api.js";
import { h, link } from "../parts/dom.js";
import { form, textOf } from "../parts/form.js";
import { go } from "../router.js";

/** Only a place of this page: an address of elsewhere is no way to go on. @param {string | null} from */
const next = (from) => (from?.startsWith("/ui/") ? from : "/ui/projects");

/** @type {import("../router.js").View} */
export async function show({ query }) {
  const signIn = form(
    [
      { name: "name", label: "Name", required: true, autocomplete: "username", autofocus: true },
      {
        name: "password",
        label: "Password",
        type: "password",
        required: true,
        autocomplete: "current-password",
      },
    ],
    {
      submit: "Sign in",
      action: async (data) => {
        await call("POST", "/session", {
          name: textOf(data, "name"),
          password: String(data.get("password")),
        });
        go(next(query.get("from")));
      },
    },
  );
  const visit = h(
    "p",
    { class: "quiet" },
    link("/ui/projects", "Public projects"),
    " can be seen without an account.",
  );
  return {
    title: "Sign in",
    content: h("div", { class: "card door" }, h("h1", {}, "Sign in"), signIn, visit),
  };
}
