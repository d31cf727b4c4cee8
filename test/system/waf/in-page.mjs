// Runs in the page of Horizon: `recorder` acts as a user would.
(() => {
  /** Fills in what is given, leaves the rest as the form has it, and sends it. */
  function submit({ selector, values }) {
    const form = document.querySelector(selector);
    if (!form) {
      throw new Error(`no form ${selector} on ${location.href}: ${document.title}`);
    }
    for (const [name, value] of Object.entries(values)) {
      const input = form.elements.namedItem(name);
      if (!input) {
        throw new Error(`no field ${name} on ${location.href}`);
      }
      if (input.options && ![...input.options].some((option) => option.value === value)) {
        input.append(new Option(value, value));
      }
      input.value = value;
    }
    // Without the page's scripts, which would send the same in the background.
    HTMLFormElement.prototype.submit.call(form);
  }

  /** Calls a function of one of Horizon's API services. */
  function call({ service, call: name, args }) {
    const injector = window.angular.element(document.body).injector();
    const api = injector.get(`horizon.app.core.openstack-service-api.${service}`);
    const values = args.map((value) =>
      value?.file ? new File([value.file], 'file.txt', { type: 'text/plain' }) : value,
    );
    api[name](...values);
  }

  window.recorder = { submit, call };
})();
