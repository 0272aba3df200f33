// An OpenID provider for the tests: certifies whoever the environment names, without asking. Prints its port.
import { Provider } from "oidc-provider";

const { OIDC_CALLBACK, OIDC_EMAIL, OIDC_VERIFIED } = process.env;
const accounts = (ctx, sub) => ({
  accountId: sub,
  claims: async () => ({ sub, email: OIDC_EMAIL, email_verified: OIDC_VERIFIED === "1", name: "Somebody" }),
});
const server = (await import("node:http")).createServer();
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address();
  const provider = new Provider(`http://localhost:${port}`, {
    clients: [{ client_id: "luvalla", client_secret: "a-secret-of-the-test-client", redirect_uris: [OIDC_CALLBACK],
      token_endpoint_auth_method: "client_secret_basic" }],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    findAccount: accounts,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (ctx, { uid }) => `/agree/${uid}` },
  });
  const answer = provider.callback();
  server.on("request", async (request, response) => {
    if (!request.url.startsWith("/agree/")) return answer(request, response);
    const { prompt, params, session } = await provider.interactionDetails(request, response);
    if (prompt.name === "login") {
      return provider.interactionFinished(request, response, { login: { accountId: "person-1" } });
    }
    const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
  });
  process.stdout.write(`${port}\n`);
});
