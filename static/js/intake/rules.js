// Deleting an import setting of the study from its list.

import { json } from "../site/server.js";

for (const button of document.querySelectorAll("[data-removes-rule]"))
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await json(button.dataset.removesRule, "DELETE");
      button.closest("li").remove();
    } catch (error) {
      button.disabled = false;
      button.closest("li").append(error.message);
    }
  });
