"""Consent banners, by the makers' own documented markup: how each is told, and which button rejects or closes it.

Data only. A banner is refused where its maker gives a button for that, else closed; consent is never given.
LIMIT: banners of other makers, and those inside closed shadow roots or other sites' frames, stay as they are.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """One maker's banner: ``shown`` finds it, ``refuse`` are its buttons in the order of preference."""

    maker: str
    shown: str
    refuse: tuple[str, ...]


BANNERS = (
    Banner(
        maker="OneTrust",
        shown="#onetrust-banner-sdk",
        refuse=("#onetrust-reject-all-handler", ".onetrust-close-btn-handler", ".banner-close-button"),
    ),
    Banner(
        maker="Cookiebot",
        shown="#CybotCookiebotDialog",
        refuse=(
            "#CybotCookiebotDialogBodyButtonDecline",
            "#CybotCookiebotDialogBodyLevelButtonLevelOptinDeclineAll",
            "#CybotCookiebotBannerCloseButtonE2E",
        ),
    ),
    Banner(
        maker="Didomi",
        shown="#didomi-popup, #didomi-notice",
        refuse=(
            "#didomi-notice-disagree-button",
            ".didomi-continue-without-agreeing",
            ".didomi-notice-component-button[aria-label*='disagree' i]",
        ),
    ),
    Banner(maker="Usercentrics", shown="#usercentrics-root", refuse=("button[data-testid='uc-deny-all-button']",)),
    Banner(
        maker="TrustArc",
        shown="#truste-consent-track, #consent_blackbar",
        refuse=("#truste-consent-required", ".truste-button3"),
    ),
    Banner(
        maker="Quantcast",
        shown="#qc-cmp2-container, #qc-cmp2-ui",
        refuse=(".qc-cmp2-summary-buttons button[mode='secondary']:first-child", ".qc-cmp2-close-icon"),
    ),
    Banner(
        maker="Sourcepoint",
        shown="div[id^='sp_message_container_']",
        refuse=("button.sp_choice_type_13", "button.sp_choice_type_15"),
    ),
    Banner(
        maker="CookieYes",
        shown=".cky-consent-container",
        refuse=(".cky-btn-reject", ".cky-banner-btn-close"),
    ),
    Banner(
        maker="Complianz",
        shown=".cmplz-cookiebanner.cmplz-show, #cmplz-cookiebanner-container .cmplz-show",
        refuse=(".cmplz-deny", ".cmplz-close"),
    ),
    Banner(maker="Osano", shown=".osano-cm-window .osano-cm-dialog", refuse=(".osano-cm-denyAll", ".osano-cm-close")),
    Banner(maker="Iubenda", shown="#iubenda-cs-banner", refuse=(".iubenda-cs-reject-btn", ".iubenda-cs-close-btn")),
    Banner(
        maker="Klaro", shown=".klaro .cookie-notice, .klaro .cookie-modal", refuse=(".cn-decline", ".cm-btn-decline")
    ),
    Banner(
        maker="CookieConsent", shown=".cc-window.cc-banner, #cc-main", refuse=(".cc-deny", "[data-role='necessary']")
    ),
    Banner(
        maker="Funding Choices",
        shown=".fc-consent-root",
        refuse=(".fc-cta-do-not-consent", ".fc-close"),
    ),
    Banner(
        maker="Borlabs", shown="#BorlabsCookieBox", refuse=("a[data-cookie-refuse]", ".brlbs-btn-accept-only-essential")
    ),
)
