// Runs in the pages of Horizon: what `languages.ts` asks of them.
(() => {
  /** What a user reads in a part of the page. */
  function texts(part = 'body') {
    return document.querySelector(part).innerText.replace(/\s+/g, ' ');
  }

  /** The classes of fields that are added to a page, a moment later. */
  async function addFields() {
    const added = document.createElement('div');
    added.innerHTML =
      '<div class="themable-select"></div><div class="themable-spinner"><input type="number"></div>';
    document.body.append(added);
    await new Promise((resolve) => setTimeout(resolve, 200));
    return [...added.children].map((element) => element.className);
  }

  window.reader = { texts, addFields };
})();
